FROM alpine
RUN a<<EOF
RUN cat <<<x
RUN "<<EOF"
RUN \<<EOF
RUN echo $((1<<2))
RUN <<
RUN <<-
RUN <<- X
RUN <<""
