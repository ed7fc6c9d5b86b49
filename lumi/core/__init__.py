"""What every part stands on and what knows no domain: settings, database, context, lanes and jobs,
outside calls, texts, logs. It imports nothing of ours."""
