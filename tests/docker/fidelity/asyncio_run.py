import asyncio
async def work(n):
    await asyncio.sleep(0.01 * n)
    return n
async def main():
    print(await asyncio.gather(*(work(n) for n in range(3))))
    process = await asyncio.create_subprocess_exec("echo", "hi", stdout=asyncio.subprocess.PIPE)
    print(await process.communicate())
    async with asyncio.timeout(0.01): await asyncio.sleep(1)
asyncio.run(main())
