print("script 1 ran")
