print("envprobe")
