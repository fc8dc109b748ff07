"""The running server: started, stopped, fed with nonsense."""
