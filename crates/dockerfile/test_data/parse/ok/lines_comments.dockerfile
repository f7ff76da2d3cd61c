# one
FROM alpine
  # two
RUN a # no comment
	# three
