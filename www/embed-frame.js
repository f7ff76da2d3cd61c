// A shared link in a frame: its Dockerfile and its target fill the window.

import "./embed.js";

/** What a link holds; see crates/protocol. */
async function read(fragment) {
  const [, body] = /^#?1\.([\w-]+)/.exec(fragment) ?? [];
  if (body === undefined) throw new Error("the part behind # is missing, or of a newer version");
  const binary = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (it) => it.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await limited(stream, 2_000_000));
}

/** The text of a stream; more than a limit is no Dockerfile. */
async function limited(stream, limit) {
  const parts = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).text();
    length += value.length;
    if (length > limit) throw new Error("it is too large");
    parts.push(value);
  }
}

async function show() {
  const element = document.createElement("stagelight-dockerfile");
  try {
    const { dockerfile, target } = await read(location.hash);
    element.textContent = String(dockerfile);
    if (target) element.target = String(target);
    element.setAttribute("height", String(innerHeight));
  } catch (error) {
    const text = document.createElement("p");
    text.textContent = `This link cannot be shown: ${error.message}. Copy it again as a whole.`;
    return document.body.replaceChildren(text);
  }
  document.body.replaceChildren(element);
}

addEventListener("hashchange", show);
addEventListener("resize", () => document.querySelector("stagelight-dockerfile")?.setAttribute("height", String(innerHeight)));
show();
