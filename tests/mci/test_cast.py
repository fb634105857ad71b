from tests import cast


def test_everyone_of_the_cast_is_who_he_says(owner, other_dropshipper, staff, client_for):
    assert owner.member.role == "owner"
    assert owner.member.dropshipper_id != other_dropshipper.pk
    assert owner.check_password("correct horse")
    assert staff.is_staff
    assert cast.member(other_dropshipper, role="orders").member.dropshipper == other_dropshipper
