/* SPDX-License-Identifier: MIT */
/*
 * See run.h.  A backtrace ends at lwp4_run: what lies above is another stack.
 */
#if defined(__aarch64__)
	.text
	.hidden	lwp4_begin
	.globl	lwp4_run
	.hidden	lwp4_run
	.type	lwp4_run, %function
	.p2align 4
lwp4_run:
	.cfi_startproc
	stp	x29, x30, [sp, -160]!
	stp	x19, x20, [sp, 16]
	stp	x21, x22, [sp, 32]
	stp	x23, x24, [sp, 48]
	stp	x25, x26, [sp, 64]
	stp	x27, x28, [sp, 80]
	stp	d8, d9, [sp, 96]
	stp	d10, d11, [sp, 112]
	stp	d12, d13, [sp, 128]
	stp	d14, d15, [sp, 144]
	mov	x19, sp
	str	x19, [x0]
	.cfi_undefined x30
	mov	x20, x2
	mov	x21, x3
	mov	x22, x4
	mov	x29, xzr
	mov	sp, x1
	bl	lwp4_begin
	ldp	x0, x1, [x21]
	ldp	x2, x3, [x21, 16]
	ldp	x4, x5, [x21, 32]
	ldp	x6, x7, [x21, 48]
	blr	x20
	mov	w9, 1
	str	w9, [x22]
	mov	x0, x19
	b	lwp4_leave
	.cfi_endproc
	.size	lwp4_run, .-lwp4_run

	.globl	lwp4_leave
	.hidden	lwp4_leave
	.type	lwp4_leave, %function
	.p2align 4
lwp4_leave:
	.cfi_startproc
	.cfi_undefined x30
	mov	sp, x0
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	x23, x24, [sp, 48]
	ldp	x25, x26, [sp, 64]
	ldp	x27, x28, [sp, 80]
	ldp	d8, d9, [sp, 96]
	ldp	d10, d11, [sp, 112]
	ldp	d12, d13, [sp, 128]
	ldp	d14, d15, [sp, 144]
	ldp	x29, x30, [sp], 160
	ret
	.cfi_endproc
	.size	lwp4_leave, .-lwp4_leave
#endif
	.section .note.GNU-stack, "", %progbits
