"""The team's torch code, recorded by the tracker."""
