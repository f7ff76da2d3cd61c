// Loads the module that reads lessons when the first one is opened, and hands texts to it.

let loading;
let attempt = 0;

/** JSON of what the module says; `what` is one of its functions. */
export async function askLessons(what, text, work) {
  loading ??= load();
  try {
    return (await loading)[what](text, work);
  } catch (error) {
    // A module that failed is of no use any more; the next question gets a new one.
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
  const module = await import(at("stagelight-lessons.js"));
  await module.default({ module_or_path: at("stagelight-lessons_bg.wasm") });
  return module;
}
