// Loads the WASM modules that few need, each when it is first asked something: those that read Compose and Bake files,
// and lessons.

/** By name: a module that is loading or has loaded. */
const loading = new Map();
let attempt = 0;

/** What a function of a module says to texts. */
export async function ask(name, what, ...texts) {
  if (!loading.has(name)) loading.set(name, load(name));
  try {
    return (await loading.get(name))[what](...texts);
  } catch (error) {
    // A module that failed is of no use any more; the next question gets a new one.
    loading.delete(name);
    attempt += 1;
    throw error;
  }
}

async function load(name) {
  // The names of its files are always the same, so that of the application says which version is wanted.
  const application = document.querySelector('link[rel="modulepreload"]')?.href ?? "";
  const version = `${/-([0-9a-f]+)\.js/.exec(application)?.[1] ?? "0"}-${attempt}`;
  const at = (file) => new URL(`${file}?${version}`, document.baseURI).href;
  const module = await import(at(`${name}.js`));
  await module.default({ module_or_path: at(`${name}_bg.wasm`) });
  return module;
}
