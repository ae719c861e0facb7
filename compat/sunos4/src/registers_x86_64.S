/* SPDX-License-Identifier: MIT */
/*
 * See registers.h: 16 registers in DWARF's order, 128 pc, 136 sp, 144 flags.
 */
#ifdef __x86_64__
	.text

/* What a function that is called by lwp4_call returns to. */
	.type	returned, @function
	.p2align 4
returned:
	.cfi_startproc
	.cfi_undefined rip
	nop				/* a backtrace looks one before */
1:	endbr64
	movq	(%rsp), %rax		/* in_library */
	movl	$1, (%rax)
	movq	8(%rsp), %rdi
	jmp	lwp4_leave
	.cfi_endproc
	.size	returned, .-returned

/*
 * rdi: registers, rsi: in_library, rdx: saved.  The last two lie above the
 * return address, on a multiple of 16.
 */
	.globl	lwp4_call
	.hidden	lwp4_call
	.hidden	lwp4_leave
	.type	lwp4_call, @function
	.p2align 4
lwp4_call:
	.cfi_startproc
	.cfi_undefined rip
	movq	136(%rdi), %rax
	andq	$-16, %rax
	movq	%rsi, -16(%rax)
	movq	%rdx, -8(%rax)
	leaq	1b(%rip), %rcx
	movq	%rcx, -24(%rax)
	subq	$24, %rax
	jmp	go
	.cfi_endproc
	.size	lwp4_call, .-lwp4_call

	.globl	lwp4_go
	.hidden	lwp4_go
	.type	lwp4_go, @function
	.p2align 4
lwp4_go:
	.cfi_startproc
	.cfi_undefined rip
	movq	136(%rdi), %rax
	/* The red zone of what was interrupted there stays as it is. */
go:	movq	128(%rdi), %rcx
	movq	%rcx, -136(%rax)
	movq	144(%rdi), %rcx
	andl	$0xcd5, %ecx		/* what a program may set */
	orl	$2, %ecx
	movq	%rcx, -144(%rax)
	movq	40(%rdi), %rcx
	movq	%rcx, -152(%rax)
	movq	(%rdi), %rcx
	movq	%rcx, -160(%rax)
	leaq	-160(%rax), %rsp
	movq	8(%rdi), %rdx
	movq	16(%rdi), %rcx
	movq	24(%rdi), %rbx
	movq	32(%rdi), %rsi
	movq	48(%rdi), %rbp
	movq	64(%rdi), %r8
	movq	72(%rdi), %r9
	movq	80(%rdi), %r10
	movq	88(%rdi), %r11
	movq	96(%rdi), %r12
	movq	104(%rdi), %r13
	movq	112(%rdi), %r14
	movq	120(%rdi), %r15
	popq	%rax
	popq	%rdi
	popfq
	ret	$128
	.cfi_endproc
	.size	lwp4_go, .-lwp4_go
#endif
	.section .note.GNU-stack,"",%progbits
