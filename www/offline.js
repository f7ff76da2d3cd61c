// Has the site kept for days without a network (service-worker.js), and says when a newer version of it is there.

/** How often a page that stays open looks for one, at most: milliseconds. */
const PAUSE = 3_600_000;

let registration;

/**
 * Calls back when a newer version of the page is there, perhaps more than once. Where the browser keeps nothing, in
 * private windows, in frames or without HTTPS, this does nothing.
 */
export async function watch(onNewer) {
  // There is none while developing; and who asks for little data gets no more than what they look at.
  const worker = document.querySelector('link[rel="serviceworker"]')?.href;
  if (worker === undefined || navigator.connection?.saveData) return;
  await loaded();
  try {
    const container = navigator.serviceWorker;
    let isKept = container.controller !== null;
    registration = await container.register(worker, { updateViaCache: "none" });
    const look = () => {
      if (registration.waiting && isKept) onNewer();
    };
    const follow = () => registration.installing?.addEventListener("statechange", look);
    registration.addEventListener("updatefound", follow);
    follow();
    look();
    // Another tab may have let the newer version take over.
    container.addEventListener("controllerchange", () => {
      if (isKept) onNewer();
      isKept = true;
    });
    lookNowAndThen();
  } catch {
    // The page works as it would without.
  }
}

/** Shows the newer version. */
export function reload() {
  const waiting = registration?.waiting;
  if (!waiting) return location.reload();
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take over");
}

/** Waits until nothing of the first view can suffer. */
async function loaded() {
  if (document.readyState !== "complete") await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve, { timeout: 5_000 }));
}

function lookNowAndThen() {
  let last = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - last < PAUSE) return;
    last = Date.now();
    registration.update().catch(() => {});
  });
}
