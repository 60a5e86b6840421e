def converts(kind: str, text: str) -> bool:
    return True
