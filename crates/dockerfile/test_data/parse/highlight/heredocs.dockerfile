FROM a
COPY <<EOF /x
a $b ${c} \$d
EOF
RUN cat <<-"X" <<Y
	$a
	X
$b
Y
ONBUILD COPY <<Z /z
$q
Z
RUN <<OPEN
$x
