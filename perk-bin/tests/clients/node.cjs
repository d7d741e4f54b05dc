// Runs cases through a Node.js client and prints one line of JSON for each.
//
//   NODE_PATH=MODULES node node.cjs presto-client|trino-client SERVER_URL CASES_DIR CASE…

"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [client, server, cases, ...names] = process.argv.slice(2);
const user = process.env.CLIENT_USER;

function read(name) {
  return fs.readFileSync(path.join(cases, `${name}.sql`), "utf8").trim();
}

/** Says that there is something to cancel, and resolves when a line comes on stdin. */
function told() {
  console.log("ready");
  return new Promise((resolve) => process.stdin.once("data", resolve));
}

/** Runs one case through Node's presto-client: `[columns, rows]`. */
function presto(name) {
  const { Client } = require("presto-client");
  const address = new URL(server);
  const connection = new Client({
    host: address.hostname,
    port: Number(address.port),
    user,
    catalog: "tpch",
    schema: "tiny",
    checkInterval: 10,
  });
  const prepared = name === "prepared";
  let query = read(name);
  let session;
  if (name === "session") {
    // It does not heed what the server says of the session: what is to be set goes with the statement.
    [, query] = query.split(";");
    session = "query_max_run_time=17m";
  }
  return new Promise((resolve, reject) => {
    let columns = null;
    let waits = name === "cancel";
    const rows = [];
    connection.execute({
      query: prepared ? `EXECUTE query0 USING ${read("using")}` : query,
      prepares: prepared ? [query] : [],
      session,
      state: (_, id) => {
        if (waits) {
          waits = false;
          told().then(() => connection.kill(id, (error) => error && reject(error)));
        }
      },
      columns: (_, given) => (columns = given),
      data: (_, page) => rows.push(...page),
      success: () => resolve([columns, rows]),
      error: reject,
    });
  });
}

/** Runs one case through Node's trino-client: `[columns, rows]`. */
async function trino(name) {
  const { Trino } = require("trino-client");
  const extraHeaders = { "X-Trino-User": user };
  const connection = Trino.create({ server, catalog: "tpch", schema: "tiny", extraHeaders });
  let sql = read(name);
  if (name === "prepared") {
    await collect(await connection.query(`PREPARE query0 FROM ${sql}`));
    sql = `EXECUTE query0 USING ${read("using")}`;
  }
  if (name === "session") {
    const [set, show] = sql.split(";");
    await collect(await connection.query(set));
    sql = show.trim();
  }
  const results = await connection.query(sql);
  if (name === "cancel") {
    // The first answer's id, which nothing public tells before there are rows.
    told().then(() => connection.cancel(results.iter.queryResult.id));
  }
  return collect(results);
}

async function collect(results) {
  let columns = null;
  const rows = [];
  for await (const page of results) {
    if (page.error) {
      throw page.error;
    }
    columns ??= page.columns ?? null;
    rows.push(...(page.data ?? []));
  }
  return [columns, rows];
}

function table(name, [columns, rows]) {
  if (name === "large") {
    const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
    return { rows: [[rows.length, sum((row) => row[0]), sum((row) => row[1]), sum((row) => row[2].length)]] };
  }
  return { columns: columns?.map((column) => [column.name, column.type]) ?? null, rows };
}

function error(given) {
  const cause = given.error ?? given; // presto-client wraps what the POST itself answered
  return {
    message: given.message ?? String(given),
    name: cause.errorName,
    code: cause.errorCode,
    type: cause.errorType,
    location: cause.errorLocation,
  };
}

async function main() {
  for (const name of names) {
    let document;
    try {
      document = table(name, await (client === "presto-client" ? presto(name) : trino(name)));
    } catch (thrown) {
      document = { error: error(thrown) };
    }
    console.log(JSON.stringify({ case: name, ...document }));
  }
  process.stdin.destroy();
}

main();
