FROM 	 alpine  AS	b 
