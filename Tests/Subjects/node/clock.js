// Prints the local time in several ways.
const now = new Date();
console.log(now.toLocaleString());
console.log(now.toString());
console.log(Intl.DateTimeFormat().resolvedOptions().timeZone, now.getTimezoneOffset());
