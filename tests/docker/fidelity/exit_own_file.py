import os
from typing import List, Optional
class Node:
    def __init__(self, next: 'Optional[Node]' = None): self.next = next
def walk(nodes: List[Node]) -> Optional[Node]: return nodes[0]
out = os.fdopen(1, 'w')
out.write('never flushed by the program\n')
walk([Node()])
