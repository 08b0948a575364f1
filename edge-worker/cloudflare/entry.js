// What the Workers runtime loads: hands requests, the cron and venue rooms to the compiled module.
//
// A panic ends the module's instance, and whatever it was doing never settles. So every call in
// flight is told at once, and the next call starts a fresh instance. This file must not know what
// the application does.

import { DurableObject } from "cloudflare:workers";
import * as module from "./glue/index.js";

const instance = module.__worker_init_state();
const inFlight = new Set();
let dead = false;

// The panic hook sets this flag; it is the only word that a dying instance sends.
Object.defineProperty(instance, "criticalError", {
  get: () => dead,
  set(now) {
    dead = now;
    if (now) for (const tell of inFlight) tell(new Error("the instance ended"));
  },
});

function alive() {
  if (dead) {
    console.error("starting a fresh instance");
    module.__wbg_reset_state();
    dead = false;
  }
}

// A trap without a panic (out of memory, stack overflow) shows as an error of the engine.
function trapped(error) {
  if (error instanceof WebAssembly.RuntimeError) instance.criticalError = true;
}
addEventListener("error", (event) => trapped(event.error));

async function guarded(call) {
  let tell;
  const ended = new Promise((_, reject) => (tell = reject));
  ended.catch(() => {});
  inFlight.add(tell);
  try {
    alive();
    return await Promise.race([call(), ended]);
  } catch (error) {
    trapped(error);
    throw error;
  } finally {
    inFlight.delete(tell);
  }
}

function failed(error) {
  console.error("request failed", error);
  const body = JSON.stringify({ error: { code: "internal", message: "Internal error" } });
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return new Response(body, { status: 500, headers });
}

export default {
  async fetch(request, env, context) {
    try {
      return await guarded(() => module.fetch(request, env, context));
    } catch (error) {
      return failed(error);
    }
  },
  scheduled: (event, env, context) => guarded(() => module.scheduled(event, env, context)),
};

export class VenueRoom extends DurableObject {
  #room;
  #instance;

  #call(method, ...words) {
    return guarded(() => {
      if (this.#instance !== instance.instanceId) {
        this.#room = new module.VenueRoom(this.ctx, this.env);
        this.#instance = instance.instanceId;
      }
      return this.#room[method](...words);
    });
  }

  fetch(request) {
    return this.#call("fetch", request);
  }

  webSocketMessage(socket, message) {
    return this.#call("webSocketMessage", socket, message);
  }

  webSocketClose(socket, code, reason, wasClean) {
    return this.#call("webSocketClose", socket, code, reason, wasClean);
  }

  webSocketError(socket, error) {
    return this.#call("webSocketError", socket, error);
  }
}
