/* SPDX-License-Identifier: MIT */
/*
 * See run.h.  A backtrace ends at lwp4_run: what lies above is another stack.
 */
#if defined(__x86_64__)
	.text
	.hidden	lwp4_begin
	.globl	lwp4_run
	.hidden	lwp4_run
	.type	lwp4_run, @function
	.p2align 4
lwp4_run:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	.cfi_undefined rip
	movq	%rsp, %rbx
	movq	%rdx, %r12
	movq	%rcx, %r13
	movq	%r8, %r14
	xorl	%ebp, %ebp
	movq	%rsi, %rsp
	call	lwp4_begin
	movq	(%r13), %rdi
	movq	8(%r13), %rsi
	movq	16(%r13), %rdx
	movq	24(%r13), %rcx
	movq	32(%r13), %r8
	movq	40(%r13), %r9
	xorl	%eax, %eax
	call	*%r12
	movl	$1, (%r14)
	movq	%rbx, %rdi
	jmp	lwp4_leave
	.cfi_endproc
	.size	lwp4_run, .-lwp4_run

	.globl	lwp4_leave
	.hidden	lwp4_leave
	.type	lwp4_leave, @function
	.p2align 4
lwp4_leave:
	.cfi_startproc
	.cfi_undefined rip
	movq	%rdi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.cfi_endproc
	.size	lwp4_leave, .-lwp4_leave
#endif
	.section .note.GNU-stack, "", @progbits
