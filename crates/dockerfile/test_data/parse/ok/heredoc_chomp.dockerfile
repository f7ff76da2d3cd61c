FROM alpine
COPY <<-EOF /x
	a
  EOF
		EOF
