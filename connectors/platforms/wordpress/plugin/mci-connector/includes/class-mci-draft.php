<?php
/**
 * A product of MCI as the shop should have it.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * A draft of `publish`, read strictly. Knows nothing of WordPress.
 */
final class MCI_Draft {

	const SAFETY_BEGIN = '<!-- mci:safety -->';
	const SAFETY_END   = '<!-- /mci:safety -->';

	/**
	 * Names the product for good.
	 *
	 * @var string
	 */
	public $reference;

	/**
	 * The shop's id of it; 0: not there yet, as far as MCI knows.
	 *
	 * @var int
	 */
	public $id;

	/**
	 * Made by MCI in this shop; of a product that is the merchant's own only the prices are written.
	 *
	 * @var bool
	 */
	public $ours;

	/**
	 * Title.
	 *
	 * @var string
	 */
	public $title;

	/**
	 * Description, HTML.
	 *
	 * @var string
	 */
	public $html;

	/**
	 * What the GPSR wants shown, HTML.
	 *
	 * @var string
	 */
	public $safety_html;

	/**
	 * Brand.
	 *
	 * @var string
	 */
	public $brand;

	/**
	 * Path of the category, root first.
	 *
	 * @var string[]
	 */
	public $categories;

	/**
	 * Addresses of the pictures.
	 *
	 * @var string[]
	 */
	public $images;

	/**
	 * Names of the options ("Taglia"); none for a product with a single variant.
	 *
	 * @var string[]
	 */
	public $options;

	/**
	 * The variants: sku, id, ean, options, price, compare_at (or ""), weight_g, quantity,
	 * tax_class (null: as it is).
	 *
	 * @var array<int,array<string,mixed>>
	 */
	public $variants;

	/**
	 * Reads a draft.
	 *
	 * @param mixed $data What came.
	 * @return MCI_Draft
	 * @throws InvalidArgumentException With the name of what cannot be read.
	 */
	public static function read( $data ) {
		if ( ! is_array( $data ) ) {
			throw new InvalidArgumentException( 'product' );
		}
		$draft              = new self();
		$draft->reference   = self::text( $data, 'reference', 190, true );
		$draft->id          = self::number( $data, 'id' );
		$draft->ours        = ! isset( $data['ours'] ) || true === $data['ours'];
		$draft->title       = self::text( $data, 'title', 1000, $draft->ours );
		$draft->html        = self::text( $data, 'html', 500000 );
		$draft->safety_html = self::text( $data, 'safety_html', 100000 );
		$draft->brand       = self::text( $data, 'brand', 200 );
		$draft->categories  = self::texts( $data, 'categories', 10 );
		$draft->images      = self::texts( $data, 'images', 30 );
		$draft->options     = self::texts( $data, 'options', 5 );
		$draft->variants    = array();
		foreach ( self::rows( $data, 'variants', 200 ) as $row ) {
			$draft->variants[] = self::variant( $row, count( $draft->options ) );
		}
		if ( ! $draft->variants || ( $draft->ours && ! $draft->options && 1 !== count( $draft->variants ) ) ) {
			throw new InvalidArgumentException( 'variants' );
		}
		return $draft;
	}

	/**
	 * The description with what the GPSR wants shown, in a block that can be found again.
	 *
	 * @return string
	 */
	public function description() {
		if ( '' === trim( $this->safety_html ) ) {
			return $this->html;
		}
		return rtrim( $this->html ) . "\n\n" . self::SAFETY_BEGIN . "\n" . trim( $this->safety_html ) . "\n" . self::SAFETY_END;
	}

	/**
	 * The values that each option takes, by its name, in the order of the variants.
	 *
	 * @return array<string,string[]>
	 */
	public function option_values() {
		$values = array();
		foreach ( $this->options as $place => $name ) {
			$taken = array();
			foreach ( $this->variants as $variant ) {
				$taken[] = $variant['options'][ $place ];
			}
			$values[ $name ] = array_values( array_unique( $taken ) );
		}
		return $values;
	}

	/**
	 * Reads a variant.
	 *
	 * @param mixed $row     What came.
	 * @param int   $options How many options it must have.
	 * @return array<string,mixed>
	 * @throws InvalidArgumentException With the name of what cannot be read.
	 */
	private static function variant( $row, $options ) {
		if ( ! is_array( $row ) ) {
			throw new InvalidArgumentException( 'variants' );
		}
		$compare_at = isset( $row['compare_at'] ) ? $row['compare_at'] : '';
		if ( ! isset( $row['price'] ) || ! MCI_Call::is_money( $row['price'] ) ) {
			throw new InvalidArgumentException( 'price' );
		}
		if ( '' !== $compare_at && ! MCI_Call::is_money( $compare_at ) ) {
			throw new InvalidArgumentException( 'compare_at' );
		}
		$values = self::texts( $row, 'options', 5 );
		if ( count( $values ) !== $options ) {
			throw new InvalidArgumentException( 'options' );
		}
		return array(
			'sku'        => self::text( $row, 'sku', 100 ),
			'id'         => self::number( $row, 'id' ),
			'ean'        => self::text( $row, 'ean', 20 ),
			'options'    => $values,
			'price'      => $row['price'],
			'compare_at' => $compare_at,
			'weight_g'   => self::number( $row, 'weight_g' ),
			'quantity'   => self::number( $row, 'quantity' ),
			'tax_class'  => isset( $row['tax_class'] ) ? self::text( $row, 'tax_class', 200 ) : null,
		);
	}

	/**
	 * A text; what is absent is "".
	 *
	 * @param array<string,mixed> $data   Where.
	 * @param string              $name   Which.
	 * @param int                 $max    Its greatest length in bytes.
	 * @param bool                $needed It may not be empty.
	 * @return string
	 * @throws InvalidArgumentException With the name.
	 */
	private static function text( array $data, $name, $max, $needed = false ) {
		$value = isset( $data[ $name ] ) ? $data[ $name ] : '';
		if ( ! is_string( $value ) || strlen( $value ) > $max || ( $needed && '' === trim( $value ) ) ) {
			throw new InvalidArgumentException( $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $value;
	}

	/**
	 * A whole number, not negative; what is absent or null is 0.
	 *
	 * @param array<string,mixed> $data Where.
	 * @param string              $name Which.
	 * @return int
	 * @throws InvalidArgumentException With the name.
	 */
	private static function number( array $data, $name ) {
		$value = isset( $data[ $name ] ) ? $data[ $name ] : 0;
		if ( ! is_int( $value ) || $value < 0 ) {
			throw new InvalidArgumentException( $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $value;
	}

	/**
	 * A list; what is absent is empty.
	 *
	 * @param array<string,mixed> $data Where.
	 * @param string              $name Which.
	 * @param int                 $most How many there may be.
	 * @return array<int,mixed>
	 * @throws InvalidArgumentException With the name.
	 */
	private static function rows( array $data, $name, $most ) {
		$rows = isset( $data[ $name ] ) ? $data[ $name ] : array();
		if ( ! is_array( $rows ) || count( $rows ) > $most ) {
			throw new InvalidArgumentException( $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return array_values( $rows );
	}

	/**
	 * A list of texts, none of them empty.
	 *
	 * @param array<string,mixed> $data Where.
	 * @param string              $name Which.
	 * @param int                 $most How many there may be.
	 * @return string[]
	 * @throws InvalidArgumentException With the name.
	 */
	private static function texts( array $data, $name, $most ) {
		$rows = self::rows( $data, $name, $most );
		foreach ( $rows as $row ) {
			if ( ! is_string( $row ) || '' === trim( $row ) || strlen( $row ) > 2000 ) {
				throw new InvalidArgumentException( $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
			}
		}
		return $rows;
	}
}
