/* What takes the place of the vDSO's clock functions in a program whose clock is shifted: each calls the function it
 * replaces and adds an offset to what that says. Copied behind the end of the vDSO's image by clock.c, which fills in the
 * offset and where the originals are; nothing here runs in envprobe. */
#if defined(__x86_64__) && defined(__linux__)
.intel_syntax noprefix
.section .rodata

.globl envprobe_clock_code, envprobe_clock_code_end
.globl envprobe_clock_gettime, envprobe_clock_gettimeofday, envprobe_clock_time
.globl envprobe_clock_pass_gettime, envprobe_clock_call_gettime, envprobe_clock_call_time
.globl envprobe_clock_pass_timeofday, envprobe_clock_call_timeofday
.hidden envprobe_clock_code, envprobe_clock_code_end
.hidden envprobe_clock_gettime, envprobe_clock_gettimeofday, envprobe_clock_time
.hidden envprobe_clock_pass_gettime, envprobe_clock_call_gettime, envprobe_clock_call_time
.hidden envprobe_clock_pass_timeofday, envprobe_clock_call_timeofday

/* Bits 0, 5 and 11: CLOCK_REALTIME, CLOCK_REALTIME_COARSE and CLOCK_TAI. */
.set REALTIME_CLOCKS, 0x821
.set BILLION, 1000000000
.set MILLION, 1000000

.balign 64
envprobe_clock_code:
seconds:      .quad 0
nanoseconds:  .quad 0
microseconds: .quad 0
.balign 16
/* int clock_gettime(clockid_t, struct timespec *): the original writes to the stack, so that nobody who looks at the
 * caller's memory meanwhile can see the host's time there. */
envprobe_clock_gettime:
  cmp edi, 11
  ja 1f
  mov eax, REALTIME_CLOCKS
  bt eax, edi
  jnc 1f
  push rsi
  sub rsp, 16
  mov rsi, rsp
  .byte 0xe8
envprobe_clock_call_gettime:
  .long 0
  test eax, eax
  jnz 2f
  mov rcx, [rsp]
  mov rdx, [rsp + 8]
  mov rsi, [rsp + 16]
  add rcx, [rip + seconds]
  add rdx, [rip + nanoseconds]
  cmp rdx, BILLION
  jb 3f
  sub rdx, BILLION
  inc rcx
3:
  mov [rsi], rcx
  mov [rsi + 8], rdx
2:
  add rsp, 24
  ret
1:
  .byte 0xe9
envprobe_clock_pass_gettime:
  .long 0

.balign 16
/* int gettimeofday(struct timeval *, struct timezone *) */
envprobe_clock_gettimeofday:
  test rdi, rdi
  jz 1f
  push rdi
  sub rsp, 16
  mov rdi, rsp
  .byte 0xe8
envprobe_clock_call_timeofday:
  .long 0
  test eax, eax
  jnz 2f
  mov rcx, [rsp]
  mov rdx, [rsp + 8]
  mov rsi, [rsp + 16]
  add rcx, [rip + seconds]
  add rdx, [rip + microseconds]
  cmp rdx, MILLION
  jb 3f
  sub rdx, MILLION
  inc rcx
3:
  mov [rsi], rcx
  mov [rsi + 8], rdx
2:
  add rsp, 24
  ret
1:
  .byte 0xe9
envprobe_clock_pass_timeofday:
  .long 0

.balign 16
/* time_t time(time_t *): from the clock that the original has whole seconds of, as the offset may hold parts of one. */
envprobe_clock_time:
  push rdi
  sub rsp, 16
  mov rsi, rsp
  mov edi, 5
  .byte 0xe8
envprobe_clock_call_time:
  .long 0
  mov rax, [rsp]
  mov rdx, [rsp + 8]
  mov rdi, [rsp + 16]
  add rsp, 24
  add rax, [rip + seconds]
  add rdx, [rip + nanoseconds]
  cmp rdx, BILLION
  jb 3f
  inc rax
3:
  test rdi, rdi
  jz 1f
  mov [rdi], rax
1:
  ret
envprobe_clock_code_end:
#endif
#if defined(__linux__) && defined(__ELF__)
.section .note.GNU-stack, "", %progbits
#endif
