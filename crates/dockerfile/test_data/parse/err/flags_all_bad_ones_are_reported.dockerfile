FROM alpine
RUN --mont=a --network --netwrok=x --network=none --network=none b
