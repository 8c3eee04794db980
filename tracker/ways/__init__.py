"""The ways in and out: runs that another tracker recorded come in, and tables and folders that others read go out.

In: a reader for each kind of source yields `found.FoundRun`s and `found.Trouble`s, pure values; `register` brings them
to a store through the event path, marked as not recorded by Runcite. Out: `rows` makes tables of records and points,
`csv_out`, `parquet_out` and `mlflow_out` write them, a page at a time.
"""
