ACTS: dict = {}


def operation(ask, *, id):
    return None
