# c
  FROM	a 
