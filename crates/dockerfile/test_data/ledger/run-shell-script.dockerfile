FROM alpine AS s
WORKDIR /w
ARG NAME=tool
RUN <<EOF
set -e
cd sub
echo 1 > one
cat > two <<END
rm /w/sub/one
END
(cd /x; touch three)
touch $NAME ${NAME:-x}.d $UNKNOWN/four five-$UNKNOWN
EOF
FROM scratch
COPY --from=s /w/sub/one /w/sub/two /x/three /w/sub/tool /w/sub/five-a /
