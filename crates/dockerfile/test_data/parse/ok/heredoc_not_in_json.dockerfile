FROM alpine
RUN ["<<EOF"]
COPY ["<<EOF", "/a"]
