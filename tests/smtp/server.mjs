// A real SMTP server for the tests: it says on standard output where it listens and what came.
// What it does with a mail depends on the receiver's name.

import { SMTPServer } from 'smtp-server';

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const held = new Set();

const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
  key: options.key,
  cert: options.cert,
  secure: options.secure,
  disabledCommands: options.starttls ? [] : ['STARTTLS'],
  authOptional: !options.user,
  disableReverseLookup: true,
  logger: false,
  onAuth(auth, session, done) {
    say({ auth: auth.username, secure: session.secure });
    const right = auth.username === options.user && auth.password === options.password;
    done(right ? null : refusal(535, 'unknown'), { user: auth.username });
  },
  onRcptTo(address, session, done) {
    const name = address.address.split('@')[0];
    if (name === 'refused') done(refusal(550, `${address.address} is unknown here`));
    else if (name === 'later') done(refusal(451, 'come again'));
    else done();
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map((address) => address.address);
      say({
        mail: Buffer.concat(parts).toString('utf8'),
        from: session.envelope.mailFrom.address,
        to,
        secure: session.secure,
        user: session.user ?? null,
      });
      // The first one is taken and never answered: its sender dies before it knows.
      const first = to[0].startsWith('held@') && !held.has(to[0]);
      held.add(to[0]);
      if (!first) done();
    });
  },
});

// Clients that do not trust the certificate hang up.
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
