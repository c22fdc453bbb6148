print("script 3 ran")
