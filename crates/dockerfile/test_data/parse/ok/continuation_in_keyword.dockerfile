FR\
OM alp\
ine
