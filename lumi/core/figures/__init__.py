"""How the figures of several processes on one machine become one answer: values kept in files of LUMI_HOME/metrics."""
