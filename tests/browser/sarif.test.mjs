// The command's SARIF is valid by the schema of SARIF 2.1.0. It has nothing to do with the browser: Node.js has the
// schema and the validator.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const schema = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
// The schema has a pattern that only the older reading of patterns takes.
const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(schema);

const folder = mkdtempSync(join(tmpdir(), "stagelight-sarif-"));
after(() => rmSync(folder, { recursive: true }));

/** What `check --format sarif` says of files. */
const sarif = (...files) => {
  const command = ["run", "--quiet", "--package", "stagelight", "--", "check", "--format", "sarif", ...files];
  const { stdout, stderr } = spawnSync("cargo", command, { encoding: "utf8", maxBuffer: 2 ** 28 });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
};

const assertValid = (log) => {
  validate(log);
  assert.deepEqual(validate.errors ?? [], []);
};

test("findings, fixes and rules are valid SARIF", () => {
  const dockerfiles = (folder) =>
    readdirSync(folder).filter((name) => name.endsWith(".dockerfile")).map((name) => join(folder, name));
  const log = sarif(...dockerfiles("examples"), ...dockerfiles("crates/dockerfile/test_data/ledger"));
  assertValid(log);
  const { results } = log.runs[0];
  assert.ok(results.some((result) => result.fixes?.length > 0), "something can be mended");
  assert.ok(results.some((result) => result.relatedLocations?.length > 0), "something refers to another place");
  // The validator would tell.
  results[0].level = "severe";
  assert.equal(validate(log), false);
});

test("errors, odd names and files that cannot be read are valid SARIF", () => {
  const file = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const log = sarif(
    file("empty", ""),
    file("50 % é#?", "FROM alpine AS ä\nCOPY --from=ö 😀 \"\nRUN <<E\n"),
    file("clean", "FROM scratch\n"),
    join(folder, "missing"),
  );
  assertValid(log);
  const [{ results, invocations }] = log.runs;
  assert.ok(results.some((result) => result.ruleId === "BuildError"));
  assert.equal(invocations[0].executionSuccessful, false);
});
