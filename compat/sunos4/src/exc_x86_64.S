/* SPDX-License-Identifier: MIT */
/*
 * exc_handle, and the way back to where it returned: see exception.h, whose
 * SavedRegisters has this layout:
 *   0 rbx, 8 rbp, 16 r12, 24 r13, 32 r14, 40 r15, 48 rsp, 56 rip,
 *   64 mxcsr, 68 control word of the x87.
 */
#ifdef __x86_64__
	.text

/* int exc_handle(int pattern, caddr_t (*function)(), caddr_t argument) */
	.globl	exc_handle
	.type	exc_handle, @function
	.p2align 4
exc_handle:
	.cfi_startproc
	endbr64
	subq	$72, %rsp
	.cfi_def_cfa_offset 80
	movq	%rbx, (%rsp)
	movq	%rbp, 8(%rsp)
	movq	%r12, 16(%rsp)
	movq	%r13, 24(%rsp)
	movq	%r14, 32(%rsp)
	movq	%r15, 40(%rsp)
	leaq	80(%rsp), %rax		/* as it is after the return */
	movq	%rax, 48(%rsp)
	movq	72(%rsp), %rax
	movq	%rax, 56(%rsp)
	stmxcsr	64(%rsp)
	fnstcw	68(%rsp)
	movq	%rsp, %rcx
	call	lwp4_exc_handle
	addq	$72, %rsp
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
	.size	exc_handle, .-exc_handle

/* [[noreturn]] void lwp4_exc_jump(const SavedRegisters*, int pattern) */
	.globl	lwp4_exc_jump
	.hidden	lwp4_exc_jump
	.hidden	lwp4_exc_handle
	.type	lwp4_exc_jump, @function
	.p2align 4
lwp4_exc_jump:
	.cfi_startproc
	endbr64
	movl	%esi, %eax
	ldmxcsr	64(%rdi)
	fldcw	68(%rdi)
	movq	(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	56(%rdi), %rdx
	movq	48(%rdi), %rsp
	jmp	*%rdx
	.cfi_endproc
	.size	lwp4_exc_jump, .-lwp4_exc_jump
#endif
	.section .note.GNU-stack,"",%progbits
