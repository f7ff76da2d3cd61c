FROM alpine
RUN --network=bridge a
RUN --security=x a
RUN --network= a
RUN --network=bridge --security=x a
