print("script 2 ran")
