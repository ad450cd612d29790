"""The JSON API: one module a resource, each declaring its models, its routes and the views behind them.

Views take the house and typed models and answer with a model; they read or write one unit, or ask
`sublarr.jobs` for work. What rows hold is shown as it is stored: paths as path text, times in UTC.
"""
