// Loads the module that reads Compose and Bake files when the first such file is there, and hands texts to it.

let loading;
let attempt = 0;

/** JSON of what is in a file. `variables` is JSON as well. */
export async function readBuilds(text, language, variables) {
  loading ??= load();
  try {
    return (await loading).read(text, language, variables);
  } catch (error) {
    // A module that failed is of no use any more; the next file gets a new one.
    loading = undefined;
    attempt += 1;
    throw error;
  }
}

async function load() {
  // The names of its files are always the same, so that of the application says which version is wanted.
  const application = document.querySelector('link[rel="modulepreload"]')?.href ?? "";
  const version = `${/-([0-9a-f]+)\.js/.exec(application)?.[1] ?? "0"}-${attempt}`;
  const at = (name) => new URL(`${name}?${version}`, document.baseURI).href;
  const module = await import(at("stagelight-compose.js"));
  await module.default({ module_or_path: at("stagelight-compose_bg.wasm") });
  return module;
}
