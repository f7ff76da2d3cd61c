FROM alpine
COPY --form=a b c
COPY --From=a b c
COPY --from b c
COPY --link=1 b c
COPY --link= b c
COPY --parents --parents b c
COPY --checksum=x b c
