"""MLflow's tracking protocol and artifact proxy, so that scripts which log to MLflow register here unchanged.

`MLFLOW_TRACKING_URI` and, where a log-in is asked, `MLFLOW_TRACKING_TOKEN` are all a user sets. An MLflow run's ID is
its run ID. Under `/t/NAME/` a client that names no experiment writes into the project NAME.
"""
