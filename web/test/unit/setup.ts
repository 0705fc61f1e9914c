// What the browser gives and Node does not, for modules that look at the address when they are loaded.
Object.assign(globalThis, { location: new URL('http://console.example/queue?late=1') });
