/* What runs inside a traced process: the page that the functions it hooks lead to, and the code that is run once after
 * execve to map that page and the ring. Both are copied out of this file into the process; nothing here runs in
 * envprobe. The layout of the ring and of the page's data is in CEnvprobeTracer.h. */
#if defined(__x86_64__) && defined(__linux__)
.intel_syntax noprefix
.section .rodata

.globl envprobe_hook_page, envprobe_hook_record, envprobe_hook_full, envprobe_hook_page_end
.globl envprobe_bootstrap, envprobe_bootstrap_end
.hidden envprobe_hook_page, envprobe_hook_record, envprobe_hook_full, envprobe_hook_page_end
.hidden envprobe_bootstrap, envprobe_bootstrap_end

.set RING_TAIL, 64
.set RING_CACHE, 4096
.set RING_ENTRIES, 128
.set RING_RECORDS, 4096 + 2048 * 128
.set CACHE_MASK, 2046
.set RECORD_MASK, 2047
.set HIGH_WATER, 2048 - 512
.set NAME, 40
.set NAME_ROOM, 88

.balign 64
envprobe_hook_page:
process_key: .long 0
cache_key:   .long 0
ring:        .quad 0
features:    .quad 0
.balign 64
/* A thunk comes here when the hooked function has returned: rax is its result, rdi its argument, and the return address
 * on top of the stack is the caller's. Every register but the flags is preserved, although the ABI does not ask for it:
 * a compiler that sees both functions may know which ones the callee leaves alone. */
envprobe_hook_record:
  push rcx
  push rdx
  push rsi
  push r8
  push r9
  push r10
  push r11
  push rdi
  test rdi, rdi
  jz 9f
  mov rdx, [rip + ring]
  mov r8, [rsp + 64]
  /* The same name from the same place, seen before: its entry needs one more count. Only envprobe makes entries, in
   * one of two places. Until there is one, the memory for them is not touched. */
  cmp dword ptr [rdx + RING_ENTRIES], 0
  je 4f
  /* The first 8 bytes of the name, with those after its end as zeros, in r10; in r11 whether its end is among them. Not
   * where they may lie on two pages: such a name has no entry. */
  mov ecx, edi
  and ecx, 4095
  cmp ecx, 4088
  ja 4f
  mov r10, [rdi]
  movabs r9, 0x0101010101010101
  mov r11, r10
  mov rcx, r10
  sub r11, r9
  not rcx
  shl r9, 7
  and r11, rcx
  and r11, r9
  lea r9, [r11 - 1]
  xor r9, r11
  and r10, r9
  mov esi, [rip + cache_key]
  lea rcx, [r10 + rdi]
  add rcx, rsi
  xor rcx, r8
  imul rcx, rcx, 0x5bd1e995
  shr rcx, 32
  and ecx, CACHE_MASK
  shl ecx, 7
  lea rcx, [rdx + rcx + RING_CACHE]
1:
  cmp r8, [rcx + 8]
  jne 2f
  cmp esi, [rcx + 32]
  jne 2f
  cmp rdi, [rcx]
  jne 2f
  cmp r10, [rcx + NAME]
  jne 2f
  test r11, r11
  jnz 3f
  mov r9d, 8
5:
  movzx r11d, byte ptr [rdi + r9]
  cmp r11b, [rcx + r9 + NAME]
  jne 6f
  inc r9
  test r11d, r11d
  jnz 5b
  jmp 3f
6:
  xor r11d, r11d
2:
  /* The other one of the two: the first has an even number, and the ring is aligned. */
  test cl, cl
  js 4f
  add rcx, 128
  jmp 1b
3:
  xor esi, esi
  test rax, rax
  setne sil
  lock inc qword ptr [rcx + rsi * 8 + 16]
  jmp 9f
4:
  mov rcx, [rdx]
  sub rcx, [rdx + RING_TAIL]
  cmp rcx, HIGH_WATER
  jae 8f
  /* Touched before a place is reserved: a fault must not leave a place that nobody fills. */
  movzx esi, byte ptr [rdi]
  mov ecx, 1
  lock xadd [rdx], rcx
  mov rsi, rcx
  and esi, RECORD_MASK
  shl esi, 7
  lea rsi, [rdx + rsi + RING_RECORDS]
  mov [rsi + 8], r8
  mov [rsi + 16], rdi
  mov r8d, [rip + process_key]
  mov [rsi + 32], r8d
  xor r8d, r8d
  test rax, rax
  setne r8b
  xor r9d, r9d
5:
  movzx edx, byte ptr [rdi + r9]
  mov [rsi + r9 + NAME], dl
  test edx, edx
  jz 6f
  inc r9d
  cmp r9d, NAME_ROOM - 1
  jb 5b
  mov byte ptr [rsi + NAME + NAME_ROOM - 1], 0
  cmp byte ptr [rdi + r9], 0
  je 6f
  or r8d, 2
6:
  mov [rsi + 36], r8d
  xor r9d, r9d
  test byte ptr [rip + features], 1
  jz 7f
  rdfsbase r9
7:
  mov [rsi + 24], r9
  /* Written last: it tells that the record is whole. */
  inc rcx
  mov [rsi], rcx
  jmp 9f
8:
  /* No room: the tracer makes some while this thread is stopped. */
  int3
envprobe_hook_full:
  jmp 4b
9:
  pop rdi
  pop r11
  pop r10
  pop r9
  pop r8
  pop rsi
  pop rdx
  pop rcx
  ret
envprobe_hook_page_end:

/* Run at the program's entry point, before its first instruction; the tracer puts back what was there. Registers hold
 * zero at that point, apart from the stack pointer, and get zero back. Leaves in r12 the memory file, in r13 the ring,
 * in r14 and r15 the two pages, or a negated errno. */
.balign 8
envprobe_bootstrap:
  lea rdi, [rip + file_name]
  mov rsi, [rip + file_flags]
  mov eax, 319
  syscall
  mov r12, rax
  test rax, rax
  js 9f
  xor edi, edi
  mov esi, RING_RECORDS + 2048 * 128
  mov edx, 3
  mov r10d, 1
  mov r8, [rip + mark]
  or r8, r12
  xor r9d, r9d
  mov eax, 9
  syscall
  mov r13, rax
  mov rbx, [rip + first_page]
  call 1f
  mov r14, rbx
  mov rbx, [rip + second_page]
  call 1f
  mov r15, rbx
9:
  /* The library filter hands this one to the tracer, which cancels it. */
  xor edi, edi
  xor esi, esi
  mov edx, 4
  xor r10d, r10d
  mov r8, [rip + stop_file]
  xor r9d, r9d
  mov eax, 9
  syscall
  hlt
1:
  /* A page at rbx or below; anywhere for 0, none for 1. */
  cmp rbx, 1
  je 3f
  mov r10d, 0x22
  mov ebp, 16
  test rbx, rbx
  jz 2f
  mov r10d, 0x100022
2:
  mov rdi, rbx
  mov esi, 4096
  mov edx, 5
  mov r8, [rip + no_file]
  xor r9d, r9d
  mov eax, 9
  syscall
  test rax, rax
  jns 4f
  sub rbx, 0x10000
  dec ebp
  jnz 2b
4:
  mov rbx, rax
3:
  ret
.balign 8
file_flags:  .quad 0
mark:        .quad 0
stop_file:   .quad 0
no_file:     .quad 0
first_page:  .quad 0
second_page: .quad 0
file_name:   .asciz "envprobe"
.balign 8
envprobe_bootstrap_end:
#endif
.section .note.GNU-stack, "", @progbits
