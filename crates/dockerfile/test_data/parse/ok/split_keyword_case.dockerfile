from alpine
Run a
rUN b
