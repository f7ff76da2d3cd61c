#: fails 2
FROM example.org/stagelight/base
COPPY a /a
