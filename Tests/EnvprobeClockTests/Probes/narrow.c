/* A 32-bit program without a library: says the time, and whether it was told of a vDSO. */
typedef unsigned int word;
static int call(int number, word a, word b, word c, word d) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
  return result;
}
static void put(const char *text) {
  word length = 0;
  while (text[length]) length++;
  call(4, 1, (word)text, length, 0);
}
static void number(const char *what, word value) {
  char text[16];
  int at = 15;
  text[at] = 0;
  text[--at] = '\n';
  do text[--at] = (char)('0' + value % 10), value /= 10;
  while (value);
  put(what);
  put(" ");
  put(text + at);
}
void begin(word *stack) {
  word *p = stack + 1 + stack[0] + 1;
  while (*p) p++;
  word told = 0;
  for (p++; p[0]; p += 2)
    if (p[0] == 33) told = 1;
  number("told", told);
  word value[4];
  number("time", (word)call(13, 0, 0, 0, 0));
  call(265, 0, (word)value, 0, 0);
  number("clock", value[0]);
  call(403, 0, (word)value, 0, 0);
  number("clock64", value[0]);
  call(78, (word)value, 0, 0, 0);
  number("timeofday", value[0]);
  word start[4], end[4], deadline[4];
  call(265, 1, (word)start, 0, 0);
  call(265, 0, (word)deadline, 0, 0);
  deadline[0] += 1;
  number("slept", (word)call(267, 0, 1, (word)deadline, 0));
  call(403, 0, (word)deadline, 0, 0);
  deadline[0] += 1;
  number("slept64", (word)call(407, 0, 1, (word)deadline, 0));
  call(265, 1, (word)end, 0, 0);
  number("milliseconds", (end[0] - start[0]) * 1000 + end[1] / 1000000 - start[1] / 1000000);
  call(1, 0, 0, 0, 0);
}
__asm__(".globl _start\n_start: mov %esp, %eax\npush %eax\ncall begin\nhlt");
