#: fails 2
FROM stagelight-test/base
COPPY a /a
