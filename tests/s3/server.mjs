// A real S3 server for the tests, behind what it leaves out: signatures are worked out anew by
// another implementation and compared, and content is held against its hash. It says on standard
// output where it listens, and ends when standard input does.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import aws4 from "aws4";
import S3rver from "s3rver";

const options = JSON.parse(process.argv[2]);
const directory = mkdtempSync(join(tmpdir(), "relais-s3-"));
const SKEW_MS = 15 * 60 * 1000;

const store = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory,
  configureBuckets: [{ name: options.bucket }],
});
const { port: inside } = await store.run();

function isInTime(stamp) {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp ?? "");
  if (!parts) return false;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - Date.now()) < SKEW_MS;
}

function refusal({ method, url, headers }, body) {
  if (!headers.authorization) return [403, "AccessDenied"];
  if (!isInTime(headers["x-amz-date"])) return [403, "RequestTimeTooSkewed"];
  if (method === "PUT" && !("content-length" in headers)) return [411, "MissingContentLength"];
  const signed = {
    Host: headers.host,
    "X-Amz-Content-Sha256": headers["x-amz-content-sha256"],
    "X-Amz-Date": headers["x-amz-date"],
  };
  const request = {
    service: "s3", region: options.region, method, path: url, headers: signed,
    doNotModifyHeaders: true,
  };
  const credentials = { accessKeyId: options.id, secretAccessKey: options.key };
  const signer = new aws4.RequestSigner(request, credentials);
  // It would take its own time: that of the request is what was signed.
  signer.datetime = headers["x-amz-date"];
  const expected = signer.sign().headers.Authorization;
  if (headers.authorization !== expected) return [403, "SignatureDoesNotMatch"];
  const hash = createHash("sha256").update(body).digest("hex");
  if (hash !== headers["x-amz-content-sha256"]) return [400, "XAmzContentSHA256Mismatch"];
  return null;
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const refused = refusal(request, body);
  if (refused) {
    const [status, code] = refused;
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<Error><Code>${code}</Code><Message>refused</Message></Error>`);
    return;
  }
  const answer = await fetch(`http://127.0.0.1:${inside}${request.url}`, {
    method: request.method,
    body: request.method === "PUT" ? body : undefined,
    headers: { "content-type": request.headers["content-type"] ?? "binary/octet-stream" },
  });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    // Whoever asked hears of it; nobody else's request ends with this one.
    console.error(error);
    response.writeHead(502).end();
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});

process.stdin.resume();
process.stdin.on("close", () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
